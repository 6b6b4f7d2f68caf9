//! How the tier follows.

use rust_decimal::Decimal;

use super::Description;
use crate::scheme::{Decision, HitPolicy, Method};

impl Description<'_> {
    pub(super) fn decision(&mut self) {
        self.open("Decision", "判定");
        let decision = &self.scheme.decision;
        match decision.method {
            Method::Rules => self.rules(decision),
            Method::Bands => self.bands(decision),
            Method::Score => self.cuts(decision),
            Method::Matrix => self.matrix(decision),
        }
    }

    fn method(&mut self, content: String) {
        self.put(self.pick("Method", "方法"), content, None);
    }

    fn rules(&mut self, decision: &Decision) {
        let policy = match decision.hit_policy.unwrap_or_default() {
            HitPolicy::First => self.pick("the first that holds decides", "依次判断，最先符合的规则决定等级"),
            HitPolicy::Unique => self.pick("at most one may hold", "最多符合一条，多条同时符合则报错"),
            HitPolicy::Any => {
                self.pick("several may hold if they give the same tier", "可同时符合多条，但等级须一致")
            }
            HitPolicy::Priority => {
                self.pick("the best tier of all that hold counts", "取所有符合的规则中最高的等级")
            }
        };
        self.method(self.pick(format!("Rules; {policy}"), format!("规则表；{policy}")));
        for (position, rule) in decision.rules.iter().flatten().enumerate() {
            let (when, _) = self.condition(&rule.when);
            let tier = self.tier_name(&rule.tier);
            let mut content = self.pick(format!("If {when} → {tier}"), format!("{when} → {tier}"));
            if let Some(annotation) = &rule.annotation {
                let why = annotation.get(self.lang);
                content.push_str(&self.pick(format!(". Why: {why}"), format!("。说明：{why}")));
            }
            let number = position + 1;
            self.put(self.pick(format!("Rule {number}"), format!("规则{number}")), content, rule.basis);
        }
        let otherwise = match &decision.otherwise {
            Some(code) => format!("→ {}", self.tier_name(code)),
            None => self.pick("no tier", "不定级").to_owned(),
        };
        self.put(self.pick("Otherwise", "其余情况"), otherwise, None);
    }

    fn bands(&mut self, decision: &Decision) {
        let name = decision.characteristic.as_deref().unwrap_or_default();
        let Some(characteristic) = self.characteristic(name) else { return };
        let title = self.named(characteristic.title.as_ref(), name);
        self.method(self.pick(format!("The bin of {title} is the tier"), format!("{title}的分档即为等级")));
        let input = self.input(&characteristic.input);
        let subject = self.within(input.and_then(|input| input.title.as_ref()), &characteristic.input);
        for bin in &characteristic.bins {
            let bounds = self.bounds(bin, input);
            let tier = self.tier_name(&bin.code);
            let content =
                self.pick(format!("{subject}: {bounds} → {tier}"), format!("{subject}：{bounds} → {tier}"));
            self.put(bin.code.as_str(), content, bin.basis);
        }
    }

    fn cuts(&mut self, decision: &Decision) {
        let en = "The score is compared with the cut points";
        self.method(self.pick(en, "按得分与分界值判定").to_owned());
        let score = self.pick("score", "得分");
        let mut above: Option<Decimal> = None;
        for cut in decision.cuts.iter().flatten() {
            let low = cut.gte.map(|low| (self.number(low.decimal()), true));
            let high = above.map(|high| (self.number(high), false));
            above = cut.gte.map(|low| low.decimal()).or(above);
            let (bounds, tier) = (self.interval(low, high, false), self.tier_name(&cut.tier));
            let content =
                self.pick(format!("{score}: {bounds} → {tier}"), format!("{score}：{bounds} → {tier}"));
            self.put(cut.tier.as_str(), content, cut.basis);
        }
        let item = self.pick("Cut points", "分界值");
        self.fitting(item, decision.fit.as_ref(), decision.fitted.as_ref());
    }

    fn matrix(&mut self, decision: &Decision) {
        let names = decision.characteristics.as_deref().unwrap_or_default();
        let titles: Vec<String> = names
            .iter()
            .map(|name| {
                let found = self.characteristic(name);
                self.named(found.and_then(|found| found.title.as_ref()), name)
            })
            .collect();
        let axes = titles.join(" × ");
        self.method(self.pick(format!("Matrix of {axes}"), format!("矩阵：{axes}")));
        for cell in decision.cells.iter().flatten() {
            let at: Vec<String> = names
                .iter()
                .zip(&cell.at)
                .map(|(name, bin)| {
                    let found = self.characteristic(name);
                    let title = self.within(found.and_then(|found| found.title.as_ref()), name);
                    self.pick(format!("{title} in bin {bin}"), format!("{title}为{bin}档"))
                })
                .collect();
            let at = at.join(self.pick(" and ", "，且"));
            let tier = self.tier_name(&cell.tier);
            let content = self.pick(format!("With {at} → {tier}"), format!("{at} → {tier}"));
            self.put(cell.at.join(" × "), content, cell.basis);
        }
    }
}
